"""Charts drawn by code: data with clear facts, and pictures of them in many styles. They train Pocket-VL and measure
any model.

No module here imports torch. Introduced in notebook 09.
"""
