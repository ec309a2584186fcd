"""What an administrator tells a running server, or asks it."""
