"""For any WSGI server."""

from reservation import create_app

app = create_app()
