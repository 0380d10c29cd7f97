"""What the portal says where allauth would say that something is wrong: what to do, and no blame."""

CODE_SPENT = "That code no longer works, because it was not right 3 times. Continue, and we will send a new one."
ACCOUNT = {
    "account_inactive": "This account is closed. If you think that it should be open, ask your programme team.",
    "duplicate_email": "Enter an address that is not already on your account",
    "email_password_mismatch": "Check your email address and your password. You can also get a code by email.",
    "email_taken": "Enter another address. This one belongs to an account already.",
    "enter_current_password": "Check your present password",
    "incorrect_code": "Check the code, or ask for a new one",
    "incorrect_password": "Check your password",
    "invalid_or_expired_key": "This link has expired. Ask for a new code.",
    "invalid_login": "Check your email address and your password. You can also get a code by email.",
    "invalid_password_reset": "This link has expired. Ask for a new code.",
    "too_many_login_attempts": "Wait 5 minutes, then try again. There have been too many tries in a short time.",
    "unverified_primary_email": "Confirm your email address first",
    "same_as_current": "Enter an address other than the present one",
    "rate_limited": "Wait 5 minutes, then ask again. The codes that we sent may still be on their way.",
}
SECOND_FACTOR = {
    "cannot_delete_authenticator": "Your role needs a second step. Set up another one before you take this one away.",
    "cannot_generate_recovery_codes": "Set up an authenticator app or a passkey before you make recovery codes",
    "incorrect_code": "Enter the code that your app shows now. It changes every 30 seconds.",
    "unverified_email": "Confirm your email address before you set up a second step",
}
PROVIDER = {
    "invalid_token": "The sign-in service of your organisation did not confirm who you are. Try again.",
    "no_password": "Set a password before you take away this way of signing in",
    "no_verified_email": "Confirm your email address before you take away this way of signing in",
    "disconnect_last": "This is your only way of signing in. Add another one before you take it away.",
    "connected_other": "This sign-in belongs to another account of the portal",
}
