# With the lintian of that release.
without_documentation
install lintian
finish
