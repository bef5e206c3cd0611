namespace Modular.EndToEnd;

/// <summary>Finds what the launcher built.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The published executable; <c>./test</c> builds it first.</summary>
    public static string Modular
    {
        get
        {
            var path = Path.Combine(Root, "artifacts", "dist", "host", "modular");
            return File.Exists(path) ? path : throw new FileNotFoundException("run ./modular version once, which builds it", path);
        }
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Modular.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("the tests run from inside the repository");
    }
}
