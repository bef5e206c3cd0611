namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>Finds a program as a shell would, with the container's own PATH rather than the supervisor's.</summary>
internal static class ExecutableSearch
{
    private const string PathVariable = "PATH=";

    public static string Find(string program, IReadOnlyList<string> environment, string workingDirectory)
    {
        if (program.Contains('/'))
        {
            return program;
        }

        foreach (var variable in environment)
        {
            if (!variable.StartsWith(PathVariable, StringComparison.Ordinal))
            {
                continue;
            }

            foreach (var directory in variable[PathVariable.Length..].Split(':', StringSplitOptions.RemoveEmptyEntries))
            {
                var candidate = Path.Combine(workingDirectory, directory, program);
                if (File.Exists(candidate) && (File.GetUnixFileMode(candidate) & AnyExecute) != 0)
                {
                    return candidate;
                }
            }
        }

        // Not found: the start of this name fails, and says it by the name that the user knows.
        return program;
    }

    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
}
