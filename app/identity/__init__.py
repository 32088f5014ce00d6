"""Identity: staff accounts, second factors, unlocked keys and who may do what."""
