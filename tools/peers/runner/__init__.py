"""Platemark beside what one would use instead: the same jobs on the same pictures, in the same run."""

from pathlib import Path

#: The checkout.
ROOT = Path(__file__).resolve().parents[3]
#: What is installed and made for the runs; nothing of it is kept in the repository.
WORK = ROOT / "target" / "peers"
