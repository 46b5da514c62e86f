"""What is shipped: the image, its locks, the release, and the manifests of each platform."""
