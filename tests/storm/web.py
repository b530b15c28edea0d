"""wsgi.py for the storm: the same application with short times, and a defect if one is planted."""

from reservation import create_app
from tests.storm import haste, plants

haste.apply()
plants.apply()
app = create_app()
