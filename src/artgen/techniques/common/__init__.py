"""What several techniques share: settings, masks, style pictures, sheets."""
