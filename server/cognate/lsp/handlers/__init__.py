"""What each message means; one file for each topic."""
