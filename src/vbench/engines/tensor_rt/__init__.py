"""TensorRT: plans built from ONNX files or given as files, executed through the CUDA driver."""
