"""The NHS design system in Django: page layout, components as template tags, a crispy-forms template pack, dates.

Made to give the same HTML as the macros of the npm package nhsuk-frontend; `tests/nhsuk` holds it to that.
"""
