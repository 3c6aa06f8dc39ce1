"""What a run says in words for people who do not know metrics."""
