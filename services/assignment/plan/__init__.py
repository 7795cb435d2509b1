"""M9: the five-fixed plan (五定): leader, team, time limit, duty, quality; in versions with reasons."""
