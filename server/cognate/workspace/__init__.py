"""Which files exist, why they count, and what open buffers hold."""
