"""Claims about max, min and ReLU of single numbers, which pooling applies tap by tap."""
