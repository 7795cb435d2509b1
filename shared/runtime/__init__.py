"""What turns a service's declaration into something that runs: settings, loops, command line."""
