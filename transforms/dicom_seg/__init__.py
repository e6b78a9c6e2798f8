"""Volume regions as DICOM Segmentation objects, and back. Needs the extra `dicom` (highdicom)."""
