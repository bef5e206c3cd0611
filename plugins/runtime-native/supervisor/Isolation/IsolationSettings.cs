namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>What isolated containers need to know of this cluster.</summary>
/// <param name="ProgramDirectory">The folder of <c>modular</c>.</param>
/// <param name="RuntimeDirectory">The .NET runtime.</param>
/// <param name="Hidden">Directories of the machine that no container sees.</param>
internal sealed record IsolationSettings(string ProgramDirectory, string RuntimeDirectory, IReadOnlyList<string> Hidden);
