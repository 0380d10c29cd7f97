"""Pages: the form that anybody fills in, and the queue that the provider's team works in."""
