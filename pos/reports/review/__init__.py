"""Events at the desk that a manager may want to look at: what happened, by whom, and what it is about. No judgement."""
