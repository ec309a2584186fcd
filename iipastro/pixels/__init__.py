"""Raw samples → bytes to show: array to array, and nothing of images, files or settings.

Raw arrays may belong to a cache and are never written; `levels.normalize`
makes the one new array, and the stages after it work in it where the shape
stays the same.  Arrays are (rows, columns, channels) everywhere.
"""
