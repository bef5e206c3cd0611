namespace Modular.Host;

/// <summary>A command cannot go on; the message is one line that says why and what to do. Ends the program with its exit code.</summary>
internal sealed class CommandException(string message, int exitCode = 1) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
