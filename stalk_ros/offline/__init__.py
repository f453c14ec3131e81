"""The stages wired without ROS: audio in, events out."""
