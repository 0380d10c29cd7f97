"""What people type: on the form that anybody fills in, and in the queue."""
