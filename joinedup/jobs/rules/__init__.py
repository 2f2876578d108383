"""Rules of telling people: who hears of what, by which way, when, in which words. All pure."""
