"""What CI systems read: JUnit, GitHub annotations, GitLab code quality."""
