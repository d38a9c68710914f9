from hypothesis import settings

# A busy machine is slow, not wrong; and what fails once must fail again.
settings.register_profile("protocol", deadline=None, derandomize=True, database=None)
settings.load_profile("protocol")
