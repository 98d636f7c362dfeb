"""Models taken out: to ONNX, checked against what they were. Knows nothing of steps, stores or runs."""
