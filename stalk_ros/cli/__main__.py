"""``python -m stalk_ros.cli``."""

import sys

from stalk_ros.cli import main

sys.exit(main())
