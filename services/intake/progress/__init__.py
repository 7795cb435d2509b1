"""How a petition fares outside intake: what the portal and the register show, fed by events."""
