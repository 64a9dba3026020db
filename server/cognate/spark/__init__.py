"""Jobs for many machines, with the extra ``spark``: vectors of an organisation's repositories, ranks across them."""
