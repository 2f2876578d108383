"""From resources to what a page shows. Pure: a `Life` and the time go in, frozen values come out.

`life` holds the gathered statements; each other module presents one part of the person page;
`page` puts them together. Templates show these values and decide nothing.
"""
