"""What the commands share: options, stopping, progress, charts, and where an equation stands."""
