"""What people, browsers and strangers send that no form of ours meant."""
