using System.Globalization;

namespace Modular.PluginVerifier;

/// <summary>What to verify. xunit constructs test classes without arguments, so it comes by the environment.</summary>
internal sealed record VerifyRequest
{
    /// <summary>The folder of the built plugin.</summary>
    public required string Directory { get; init; }

    /// <summary>The program <c>modular</c>, which runs plugins in processes of their own.</summary>
    public required string Executable { get; init; }

    /// <summary>The configuration the plugin is given: a JSON object.</summary>
    public required string Configuration { get; init; }

    /// <summary>The only place to verify it in; null for both.</summary>
    public PluginPlace? Place { get; init; }

    /// <summary>Where to write JUnit XML; empty for nowhere.</summary>
    public string JUnitFile { get; init; } = "";

    /// <summary>How long a check may take.</summary>
    public TimeSpan CheckTimeout { get; init; } = TimeSpan.FromMinutes(2);

    public static VerifyRequest FromEnvironment() => new()
    {
        Directory = Read("MODULAR_VERIFY_DIRECTORY") ?? throw new InvalidOperationException("call 'modular plugins verify DIR', which starts this program"),
        Executable = Read("MODULAR_VERIFY_EXECUTABLE") ?? "modular",
        Configuration = Read("MODULAR_VERIFY_CONFIGURATION") ?? "{}",
        Place = Enum.TryParse<PluginPlace>(Read("MODULAR_VERIFY_PLACE"), out var place) ? place : null,
        JUnitFile = Read("MODULAR_VERIFY_JUNIT") ?? "",
        CheckTimeout = TimeSpan.FromSeconds(double.Parse(Read("MODULAR_VERIFY_SECONDS") ?? "120", CultureInfo.InvariantCulture)),
    };

    private static string? Read(string name) => Environment.GetEnvironmentVariable(name);
}
