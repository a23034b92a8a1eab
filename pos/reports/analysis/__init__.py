"""What managers ask of sales: summed by item, person, hour and the like, and narrowed to some of them."""
