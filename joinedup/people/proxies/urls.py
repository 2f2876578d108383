"""Addresses of proxies: a person's own pages, those of a proxy, and those of a practice."""

from django.urls import path

from joinedup.people.proxies import for_pages, my_trust_pages, others_pages, work_pages

urlpatterns = [
    path("my/trust/invite", my_trust_pages.my_invite, name="my-invite"),
    path("my/trust/<str:task_id>", my_trust_pages.my_answer, name="my-answer"),
    path("my/others", others_pages.my_others, name="my-others"),
    path("my/others/code", others_pages.my_take_up, name="my-take-up"),
    path("my/others/ask", others_pages.my_ask, name="my-ask"),
    path("my/for/<str:person_id>", for_pages.for_home, name="my-for"),
    path("my/for/<str:person_id>/<slug:function>", for_pages.for_page, name="my-for-part"),
    path("proxies", work_pages.proxy_work, name="proxies"),
    path("people/<str:person_id>/proxies", work_pages.proxies_of_person, name="proxies-of-person"),
    path(
        "people/<str:person_id>/proxies/<str:task_id>",
        work_pages.proxy_request,
        name="proxy-request",
    ),
    path(
        "people/<str:person_id>/proxies/<str:consent_id>/end",
        work_pages.proxy_end,
        name="proxy-end",
    ),
]
