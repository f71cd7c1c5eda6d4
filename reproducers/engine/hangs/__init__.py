"""Whether a run stood still at its end, in which of the known ways, and what shows it.

files of the observer -> Scene (scene.py) -> Standstill | Motion | nothing known (kinds.py)
"""
