"""Claims about the poolings that people use besides averages and maxima."""
