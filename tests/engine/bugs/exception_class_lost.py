# /// script
# dependencies = ["dask[complete]"]
#
# [tool.repro]
# symptom = "exception"
# match = "^Exception: CalibrationError"
# reported = "2022.12.1"
# ///
"""A task raises an exception of the script's own, and the client cannot catch it by its class."""

from dask.distributed import Client


class CalibrationError(Exception):
    def __init__(self, sensor: str, offset: float) -> None:
        super().__init__(f"{sensor} is off by {offset}")
        self.sensor = sensor


def calibrate(sensor: str) -> None:
    raise CalibrationError(sensor, 0.5)


if __name__ == "__main__":
    with Client() as client:
        try:
            client.submit(calibrate, "B7").result()
        except CalibrationError as error:
            print(f"replace {error.sensor}")
