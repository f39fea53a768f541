"""How torch's kernels round: which operators were seen to compute what their terms say."""
