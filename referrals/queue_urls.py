"""Where the pages of the provider's team are."""

from django.urls import path

from referrals.views import keys, provider, queue, team, unlock

urlpatterns = [
    path("", queue.queue, name="queue"),
    path("find/", queue.find, name="queue_find"),
    path("by-phone/", queue.by_phone, name="queue_by_phone"),
    path("unlock/", unlock.unlock, name="queue_unlock"),
    path("lock/", unlock.lock, name="queue_lock"),
    path("unsent/", unlock.show_unsent, name="queue_unsent"),
    path("passphrase/", unlock.passphrase, name="queue_passphrase"),
    path("passphrase/lost/", unlock.lost_passphrase, name="queue_lost_passphrase"),
    path("keys/", keys.keys, name="queue_keys"),
    path("keys/make/", keys.found, name="queue_found"),
    path("keys/drill/", keys.drill, name="queue_drill"),
    path("keys/recover/", keys.recover, name="queue_recover"),
    path("keys/epoch/", keys.new_epoch, name="queue_new_epoch"),
    path("keys/seal-anew/", keys.envelope, name="queue_enveloping"),
    path("team/", team.team, name="queue_team"),
    path("team/invite/", team.invite, name="queue_invite"),
    path("team/<uuid:pk>/admit/", team.admit, name="queue_admit"),
    path("team/<uuid:pk>/vouch/", team.vouch, name="queue_vouch"),
    path("team/<uuid:pk>/lead/", team.make_lead, name="queue_make_lead"),
    path("team/<uuid:pk>/hand-over/", team.hand_over_all, name="queue_hand_over_all"),
    path("team/<uuid:pk>/take-out/", team.take_out, name="queue_take_out"),
    path("provider/", provider.provider, name="queue_provider"),
    path("provider/offers/new/", provider.offer, name="queue_new_offer"),
    path("provider/offers/<int:pk>/", provider.offer, name="queue_offer"),
    path("trail/", provider.trail, name="queue_trail"),
    path("referrals/<uuid:pk>/", queue.referral, name="queue_referral"),
    path("referrals/<uuid:pk>/export/", queue.export, name="queue_export"),
    path("referrals/<uuid:pk>/<slug:key>/", queue.act, name="queue_act"),
]
