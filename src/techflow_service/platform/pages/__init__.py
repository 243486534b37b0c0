"""Views: read rows, call `flow` where something is judged, show."""
