"""Addresses of the board and of the round of a ward."""

from django.urls import path

from joinedup.discharge import board_pages, round_pages

urlpatterns = [
    path("board", board_pages.board, name="board"),
    path("board/again", board_pages.ask_again, name="board-again"),
    path("board/waiting", board_pages.waiting, name="board-waiting"),
    path("board/<str:ward_id>", board_pages.ward, name="board-ward"),
    path("board/<str:ward_id>/again", board_pages.ask_again, name="board-ward-again"),
    path("board/<str:ward_id>/round", round_pages.round_list, name="board-round"),
    path("board/<str:ward_id>/round/<str:spell_id>", round_pages.round_one, name="board-round-one"),
]
