"""From evidence to an order with reasons. Pure arithmetic."""
