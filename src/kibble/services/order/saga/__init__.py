"""Order's sagas: what spans services, as tables of steps and of what undoes each."""
