"""What sealing the audit and walking the seal cost: `./dev bench seal [--quick]`."""
